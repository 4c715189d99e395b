/** Parses `env=prod, team=a`. Returns undefined if a part has no key or no equals sign. */
export function parseLabels(text: string): Record<string, string> | undefined {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
  const pairs = parts.map((part) => {
    const at = part.indexOf("=")
    return [part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim()] as const
  })
  return pairs.some(([key]) => key === "") ? undefined : Object.fromEntries(pairs)
}

/** The inverse of `parseLabels`. */
export function labelsText(labels: Record<string, string> | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(", ")
}
