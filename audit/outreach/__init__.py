"""What a specialist may write to an account: drafts from the findings, and a check of any text.

Nothing here sends anything. A draft says which findings it was made from, and is refused when they
have changed.
"""

from audit.outreach.draft import Draft, Lever, Variant, draft
from audit.outreach.files import write
from audit.outreach.lint import Problem, lint

__all__ = ["Draft", "Lever", "Problem", "Variant", "draft", "lint", "write"]
