"""A small language model trained on the data, to show what the data is worth.

Enters: a dataset folder (Parquet by split) or text files, and optionally real text.
Leaves: a folder in Hugging Face Llama format (safetensors, tokenizer) with ``training.json``,
``samples.json`` and ``evaluation.json``; ``useful.json`` beside two students when real text is
given.

To add a student: one module with a class that fits ``base.Student`` and its ``Params``, one line
under ``datawell.students`` in ``pyproject.toml``, one test. The only room that imports torch, and
only inside functions that train or evaluate: naming a student in a recipe stays cheap.
"""
