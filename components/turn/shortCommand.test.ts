import { expect, test } from "vitest"
import { shortCommand } from "./shortCommand"

test.each([
  ["cd /app && make test", "… && make test"],
  ["cd /app && source .venv/bin/activate; export PATH=/opt/bin:$PATH && pytest -q", "… && pytest -q"],
  ["set -e; make", "… && make"],
  ["make && cd build && ctest", "make && cd build && ctest"],
  ["cd /app", "cd /app"],
  ["cd /app &&", "cd /app &&"],
  ["exports.md", "exports.md"],
])("%j is shown as %j", (command, shown) => {
  expect(shortCommand(command)).toBe(shown)
})
