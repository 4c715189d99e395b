/** How a test's name says which promises it proves: `I6 T1: …`. */
const NAMED = /["'`]((?:[ITS]\d{1,2} )*[ITS]\d{1,2}): /g
/** A long fault run is named by its key. */
const LONG_RUN = /^ {2}(T\d{1,2}): \{$/gm
const ROW = /^\| ([ITS]\d{1,2}) \|(.*)\|(.*)\|(.*)\|$/gm

/** The ids that the tests of a file carry in their names. */
export function idsInTests(text) {
  const ids = new Set([...text.matchAll(LONG_RUN)].map(([, id]) => id))
  for (const [, names] of text.matchAll(NAMED)) for (const id of names.split(" ")) ids.add(id)
  return ids
}

/** The rows of the page of promises: their id, the test files that they name, and why something is not proved yet. */
export function readPromises(page) {
  return [...page.matchAll(ROW)].map(([, id, , proof]) => ({
    id,
    files: [...proof.matchAll(/`([^`]+\.(?:test|story)\.\w+|[^`]+\/(?:describe\w+|longRuns)\.ts)`/g)].map(
      ([, file]) => file,
    ),
    notYet: /not yet: \S.*/.test(proof),
    claimsNotYet: /not yet/.test(proof),
  }))
}

/** What is wrong between a page of promises and the tests, as sentences; `tests`: the texts by file. */
export function findFaults(page, tests) {
  const rows = readPromises(page)
  const known = new Set(rows.map(({ id }) => id))
  const faults = [...known]
    .filter((id) => rows.filter((row) => row.id === id).length > 1)
    .map((id) => `${id} has two rows`)
  const carried = new Map(Object.entries(tests).map(([file, text]) => [file, idsInTests(text)]))
  for (const { id, files, notYet, claimsNotYet } of rows) {
    if (files.length === 0 && !claimsNotYet) faults.push(`${id} has neither a test nor "not yet"`)
    if (claimsNotYet && !notYet) faults.push(`${id} is not yet, without a reason`)
    for (const file of files)
      if (!carried.get(file)?.has(id)) faults.push(`${id}: no test in ${file} has it in its name`)
  }
  for (const [file, ids] of carried)
    for (const id of ids) if (!known.has(id)) faults.push(`${file}: ${id} is in no row`)
  return faults
}
