import { closest } from "fastest-levenshtein"

/** A problem with a query, as a sentence that names the parameter. */
export type QueryProblem = { problem: string }

/** Says which parameters of a query don't exist, and which the nearest ones are; undefined if all do. */
export function unknownParams(params: URLSearchParams, known: readonly string[]): QueryProblem | undefined {
  const unknown = [...new Set(params.keys())].filter((name) => !known.includes(name))
  if (unknown.length === 0) return undefined
  const [first] = known
  const sentences = unknown.map((name) =>
    first === undefined
      ? `${name}: this parameter doesn't exist, and no other does.`
      : `${name}: this parameter doesn't exist. The nearest one is "${closest(name, known)}".`,
  )
  return { problem: sentences.join(" ") }
}
