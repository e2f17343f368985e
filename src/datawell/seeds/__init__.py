"""Where data begins: numbered seeds, each readable alone.

Enters: a source's parameters and the root seed of the run.
Leaves: :class:`datawell.core.records.Seed`, one a row; its ``id`` is the split key.

To add a source: one module with a class as :class:`datawell.seeds.base.SeedSource` describes
(``Params``, ``size``, ``seed``, ``digest``), one line under ``datawell.seeds`` in
``pyproject.toml``, one test. A seed that cannot be read raises ``SeedFault``, so that the row is
dropped with a reason and the run goes on.
"""
