/** Converts a name to part of an agent id: characters that aren't allowed become `-`, and at most 110 are kept. */
export function slugOf(name: string, fallback: string): string {
  const slug = name
    .slice(0, 500)
    .replace(/[^A-Za-z0-9._:/@-]+/g, "-")
    .replace(/^-|-$/g, "")
  return slug === "" ? fallback : slug.slice(0, 110)
}
