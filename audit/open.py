"""Where an account comes from: a store, an account file, or the sample portfolio."""

from pathlib import Path

from audit.account import Account
from audit.errors import InputError
from audit.store import Store

ACCOUNT_FILE = "account.zip"
FIRST = 5


def load_account(organization_id: str = "", *, store: str = "", account: str = "") -> Account:
    """One account. ``account``: an account.zip; ``store``: a store file, or an account.zip too.

    With nothing named, not even an organization: the ``account.zip`` in the current folder where
    there is one, so that a report's notebook is about its own customer in its own folder; else
    the first of the sample. A store of one organization needs no name.

    Raises: InputError for a store of several organizations and none named; InputError or
    StoreError naming what is not there.
    """
    if not (organization_id or store or account) and Path(ACCOUNT_FILE).is_file():
        account = ACCOUNT_FILE
    if store.endswith(".zip"):
        account, store = store, ""
    if account:
        loaded = Account.load(account)
        if organization_id and organization_id not in (loaded.organization_id, loaded.name):
            raise InputError(
                f"{account} holds {loaded.organization_id} ({loaded.name}), "
                f"not {organization_id!r}."
            )
        return loaded
    if store:
        return _from_store(Path(store), organization_id)
    return _from_sample(organization_id)


def _from_store(path: Path, organization_id: str) -> Account:
    with Store.open(path) as opened:
        return opened.account(organization_id or _only(opened))


def _only(store: Store) -> str:
    """The one organization of a store. Whose report it is, is nothing to guess."""
    known = store.organizations()
    ids = [str(identity) for identity in known["organization_id"]]
    if len(ids) == 1:
        return ids[0]
    names = [
        f"{identity} ({name})" if isinstance(name, str) and name else identity
        for identity, name in zip(ids[:FIRST], known["name"][:FIRST], strict=True)
    ]
    raise InputError(
        f"{store.path} holds {len(ids)} organizations and none is named. Name one by its id or "
        f"exact name: {'; '.join(names)}{'; ...' if len(ids) > FIRST else ''}."
    )


def _from_sample(organization_id: str) -> Account:
    from audit.sources.sample import portfolio

    tables = portfolio().tables
    organizations = tables["organizations"]
    wanted = organization_id or str(organizations["organization_id"].iloc[0])
    match = (organizations["organization_id"] == wanted) | (organizations["name"] == wanted)
    if not match.any():
        names = ", ".join(organizations["organization_id"].head(5))
        raise InputError(
            f"No organization {wanted!r} in the sample portfolio ({names}, ...). "
            "For your own accounts name a store."
        )
    return Account.from_tables(str(organizations.loc[match, "organization_id"].iloc[0]), tables)
