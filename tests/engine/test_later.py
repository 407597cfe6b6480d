"""What scn.toml may ask for, but only a later version does: said by name, and nothing is run."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[[source]]\nkind = "sql"\nurl = "sqlite:shop.db"\nquery = "SELECT 1"\nop = "order.update"\n', "`[[source]]`"),
        ('[writeback.order]\nkind = "sql"\nurl = "sqlite:shop.db"\nquery = "UPDATE orders SET status = :value"\n', "[writeback.order]"),
    ],
)
def test_a_run_names_what_it_cannot_do_yet(folder, scn, table, said):
    folder({"scn.toml": table, "s.scn": 'on action "go"\n  set order.status "x"\n'})
    answer = scn("run", "--tick")
    assert answer.code == 2
    assert said in answer.err
    assert "later version" in answer.err
