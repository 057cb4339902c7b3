"""Where an account comes from: a store, an account file, or the sample portfolio."""

from pathlib import Path

from audit.account import Account
from audit.errors import InputError
from audit.store import Store


def load_account(organization_id: str = "", *, store: str = "", account: str = "") -> Account:
    """One account. ``account``: an account.zip; ``store``: a store file, or an account.zip too;
    neither: the sample.

    Without ``organization_id`` a store gives the account with the highest joint saving, the
    sample its first.

    Raises: InputError or StoreError naming what is not there.
    """
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
    if not organization_id:
        from audit.findings.scan import scan

        organization_id = str(scan(path).organizations["organization_id"].iloc[0])
    with Store.open(path) as opened:
        return opened.account(organization_id)


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
