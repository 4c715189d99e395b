import type { z } from "zod"
import type { Issue } from "@/lib/protocol/codes"

const MAX_ISSUES = 20
const MAX_PATH_CHARS = 200

/** Describes the problems of a payload, with paths and messages. Never includes values from it. */
export function describeIssues(payload: object, error: z.ZodError): Issue[] {
  const issues: Issue[] = []
  collect(payload, error.issues, [], issues)
  return issues.slice(0, MAX_ISSUES)
}

function collect(
  payload: object,
  found: readonly z.core.$ZodIssue[],
  path: readonly PropertyKey[],
  issues: Issue[],
): void {
  for (const issue of found) {
    if (issues.length >= MAX_ISSUES) return
    const here = [...path, ...issue.path]
    if (issue.code === "invalid_union") {
      // Only the schema of `runs.start` is a union: a take-over has a `run_id`, a new run doesn't.
      const branch = "run_id" in payload ? issue.errors[0] : issue.errors.at(-1)
      collect(payload, branch ?? [], here, issues)
    } else issues.push({ path: here.map(String).join(".").slice(0, MAX_PATH_CHARS), message: issue.message })
  }
}
