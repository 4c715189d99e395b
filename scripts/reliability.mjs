// Compares docs/reliability.md with the tests: each guarantee needs a test with its ID, and each ID in a test needs a
// guarantee.

/** IDs at the start of a test's name: `I6 T1: …`. */
const TEST_NAME = /["'`]((?:[ITS]\d{1,2} )*[ITS]\d{1,2}): /g
/** Long fault tests are entries of an object. The keys are their IDs. */
const LONG_RUN = /^ {2}(T\d{1,2}): \{$/gm
const ROW = /^\| ([ITS]\d{1,2}) \|(.*)\|(.*)\|(.*)\|$/gm
const TEST_FILE = /`([^`]+\.(?:test|story)\.\w+|[^`]+\/(?:describe\w+|longRuns)\.ts)`/g

/** Returns the IDs in the test names of a file's text. */
function idsInTests(text) {
  const ids = new Set([...text.matchAll(LONG_RUN)].map(([, id]) => id))
  for (const [, names] of text.matchAll(TEST_NAME)) for (const id of names.split(" ")) ids.add(id)
  return ids
}

/** Reads the page's rows: the ID, the listed test files, and whether the row says "not yet" and gives a reason. */
export function readGuarantees(page) {
  return [...page.matchAll(ROW)].map(([, id, , proof]) => ({
    id,
    files: [...proof.matchAll(TEST_FILE)].map(([, file]) => file),
    isNotYet: /not yet/.test(proof),
    hasReason: /not yet: \S.*/.test(proof),
  }))
}

/**
 * Compares a page with the tests.
 *
 * @param tests the source text of all test files, by path
 * @returns one message per mismatch
 */
export function findMismatches(page, tests) {
  const rows = readGuarantees(page)
  const known = new Set(rows.map(({ id }) => id))
  const mismatches = [...known]
    .filter((id) => rows.filter((row) => row.id === id).length > 1)
    .map((id) => `${id} has two rows`)
  const proven = new Map(Object.entries(tests).map(([file, text]) => [file, idsInTests(text)]))
  for (const { id, files, isNotYet, hasReason } of rows) {
    if (files.length === 0 && !isNotYet) mismatches.push(`${id} has neither a test nor "not yet"`)
    if (isNotYet && !hasReason) mismatches.push(`${id} is "not yet" without a reason`)
    for (const file of files)
      if (!proven.get(file)?.has(id)) mismatches.push(`${id}: no test name in ${file} has this ID`)
  }
  for (const [file, ids] of proven)
    for (const id of ids) if (!known.has(id)) mismatches.push(`${file}: ${id} has no row`)
  return mismatches
}
