/** Returns true if two texts are equal, apart from where they were cut. */
export function isSameText(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short === long || (short.endsWith("…") && long.startsWith(short.slice(0, -1)))
}
