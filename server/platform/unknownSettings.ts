import { closest, distance } from "fastest-levenshtein"
import { environment } from "./environment"

/** Settings of clients and of the build, which may be set in the same environment. */
const OTHER_NAMES = [
  "TURNLINE_URL",
  "TURNLINE_TOKEN",
  "TURNLINE_BUILD_DIR",
  "TURNLINE_BUILD_ID",
  "TURNLINE_PG_BIN",
]
/** The largest edit distance between a setting's name and a typo of it. */
const MAX_DISTANCE = 6

export type UnknownSetting = { name: string; suggestion: string | undefined }

/** Returns the `TURNLINE_*` variables that aren't settings, each with the setting that was probably meant. */
export function unknownSettings(env: Readonly<Record<string, string | undefined>>): UnknownSetting[] {
  const known = [...Object.keys(environment.shape), ...OTHER_NAMES]
  return Object.keys(env)
    .filter((name) => isSetting(name) && !known.includes(name))
    .map((name) => {
      const nearest = closest(name, known)
      return { name, suggestion: distance(name, nearest) <= MAX_DISTANCE ? nearest : undefined }
    })
}

/** Returns true for names with the prefix of settings, except `TURNLINE_TEST_*`, which the test suite uses. */
function isSetting(name: string): boolean {
  return name.startsWith("TURNLINE_") && !name.startsWith("TURNLINE_TEST_")
}
