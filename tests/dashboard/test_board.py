import subprocess
import sys
from decimal import Decimal

import pytest

from audit.dashboard import board as boards
from audit.dashboard.board import Board, Rules, opened, stamp
from audit.errors import InputError, StoreError
from audit.findings.scan import scan
from audit.ledger import suppression
from audit.queue.ranking import ranking
from audit.queue.rows import queue
from audit.store import publish

from .conftest import AS_OF, HOSTILE, tables


def test_it_says_what_the_scan_and_the_queue_say(store, board):
    scanned = scan(store).organizations.set_index("organization_id")
    listed = queue(ranking(store), everything=True).rows

    assert [row["organization_id"] for row in board.rows] == [r.organization_id for r in listed]
    for row, of in zip(board.rows, listed, strict=True):
        found = scanned.loc[row["organization_id"]]
        assert row["findings"] == found["findings"]
        assert row["state"] == of.state
        if row["bill_usd"] is not None:
            assert Decimal(row["joint_saving_usd"]) == round(
                Decimal(float(found["joint_saving_usd"])), 2
            )
    known = [row for row in board.rows if row["bill_usd"] is not None]
    assert len(known) == scanned["usage_is_known"].sum() > 0


def test_a_board_comes_back_from_its_text(board):
    assert Board.of_text(board.text()) == board


def test_an_account_is_found_by_id_or_name(board, hostile_id):
    assert board.account(hostile_id)["name"] == HOSTILE
    assert board.account(HOSTILE)["organization_id"] == hostile_id
    with pytest.raises(InputError, match="No organization"):
        board.account("nobody")


def test_two_of_one_name_are_opened_by_id(board):
    twice = Board((*board.rows, {**board.rows[0], "organization_id": "other"}), Rules(), "", "")

    with pytest.raises(InputError, match="2 organizations"):
        twice.account(board.rows[0]["name"])


def test_it_is_judged_once_for_a_store_and_again_for_the_next(tmp_path):
    store = publish(tmp_path / "store.duckdb", tables(3))
    first = opened(store, folder=tmp_path)
    kept = list((tmp_path / boards.FOLDER).iterdir())

    assert [path.stat().st_mode & 0o077 for path in kept] == [0]
    kept[0].write_text(kept[0].read_text().replace('"waiting"', '"held"'))
    assert opened(store, folder=tmp_path).text() == kept[0].read_text()

    publish(store, tables(4))
    assert len(opened(store, folder=tmp_path).rows) == len(first.rows) + 1


def test_a_broken_file_is_made_anew(tmp_path):
    store = publish(tmp_path / "store.duckdb", tables(3))
    first = opened(store, folder=tmp_path)
    next((tmp_path / boards.FOLDER).iterdir()).write_text('{"rows": [')

    assert opened(store, folder=tmp_path) == first


def test_decisions_and_rules_give_another(tmp_path, store, board):
    found = scan(store).findings
    most = found.sort_values("saving_alone_usd").iloc[-1]
    decided = suppression(
        check=most["check"],
        organization_id=most["organization_id"],
        reason="so be it",
        owner="Ada",
        until=AS_OF.replace(year=2027),
        on=AS_OF,
    )
    judged = opened(store, Rules(), [decided], folder=tmp_path).by_id[most["organization_id"]]
    before = board.by_id[most["organization_id"]]

    assert Decimal(judged["joint_saving_usd"]) < Decimal(before["joint_saving_usd"])
    scanned = scan(store, suppressions=[decided]).organizations.set_index("organization_id")
    assert judged["findings"] == scanned.loc[most["organization_id"], "findings"]


def test_an_own_policy_counts_by_what_its_file_says_now(tmp_path):
    store = publish(tmp_path / "store.duckdb", tables(3))
    command = [sys.executable, "-m", "audit", "policy", "2025-06", "--toml"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    ours = tmp_path / "ours.toml"
    ours.write_text(text.replace('name = "2025-06"', 'name = "ours"'))
    first = opened(store, Rules(policy=str(ours)), folder=tmp_path)
    assert opened(store, Rules(policy=str(ours)), folder=tmp_path) == first
    assert first.policy == "ours"

    ours.write_text(text.replace('name = "2025-06"', 'name = "theirs"'))
    assert opened(store, Rules(policy=str(ours)), folder=tmp_path).policy == "theirs"


def test_no_store_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="audit pull"):
        stamp(tmp_path / "none.duckdb")


def test_what_comes_true_is_what_a_simulation_of_the_priors_gives(store, board):
    import numpy as np

    from audit.checks import load_checks
    from audit.dashboard.portfolio import EIGHT_OF_TEN
    from audit.findings.outlook.effectiveness import priors

    draws, generator = 20_000, np.random.default_rng(7)
    findings = scan(store).findings
    findings = findings[~findings["suppressed"] & (findings["saving_alone_usd"] > 0)]
    total, whole = np.zeros(draws), 0.0
    for row in board.rows:
        own = findings[findings["organization_id"] == row["organization_id"]]
        if row["bill_usd"] is None or own.empty:
            continue
        saving, alone = float(row["joint_saving_usd"]), own["saving_alone_usd"].to_numpy()
        for check, part in zip(own["check"], alone / alone.sum(), strict=True):
            prior = priors()[load_checks()[check].effort]
            total += saving * part * generator.beta(prior.came_true, prior.did_not, draws)
        whole += saving
    mean = sum(row["comes_true_usd"] for row in board.rows)
    spread = EIGHT_OF_TEN * sum(row["comes_true_variance"] for row in board.rows) ** 0.5
    low, high = np.quantile(total, [0.1, 0.9])

    assert mean == pytest.approx(total.mean(), rel=0.002)
    assert (mean - spread, mean + spread) == pytest.approx((low, high), abs=0.01 * whole)
    assert high < whole
