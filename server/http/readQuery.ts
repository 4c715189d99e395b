import { closest } from "fastest-levenshtein"

/** Describes what is wrong with a query. The message names the parameter. */
export type QueryProblem = { problem: string }

/** Reports parameters that don't exist and suggests similar ones. Returns undefined if all exist. */
export function unknownParams(params: URLSearchParams, known: readonly string[]): QueryProblem | undefined {
  const unknown = [...new Set(params.keys())].filter((name) => !known.includes(name))
  if (unknown.length === 0) return undefined
  const [first] = known
  const messages = unknown.map((name) =>
    first === undefined
      ? `${name}: this parameter doesn't exist. This path has no parameters.`
      : `${name}: this parameter doesn't exist. Did you mean "${closest(name, known)}"?`,
  )
  return { problem: messages.join(" ") }
}
