#!/usr/bin/env bash
# The whole loop in one go: stories and tutoring dialogues are made, checked and exported, a student
# learns from the stories and writes new ones, and one page says what the data is worth.
# Running it again continues, or finds everything done.
set -euo pipefail
cd "$(dirname "$0")/.."
datawell=.venv/bin/datawell

echo "── tutoring: a teacher and a learner who errs the way people do ──"
$datawell run tutoring --rows 250 --out runs/demo-tutoring
echo
echo "── stories: plan, voice, check, export, train, evaluate ──"
$datawell run stories --rows 12000 --out runs/demo --set student.with.minutes=2.5
$datawell report runs/demo --with runs/demo-tutoring
echo
.venv/bin/python scripts/demo_summary.py runs/demo runs/demo-tutoring
