/** Reads all values of `/metrics`: name with labels → value. */
export async function readMetrics(target: {
  url: string
  viewerToken: string
}): Promise<Map<string, number>> {
  const response = await fetch(`${target.url}/metrics`, {
    headers: { authorization: `Bearer ${target.viewerToken}` },
  })
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`)
  const figures = new Map<string, number>()
  for (const line of (await response.text()).split("\n")) {
    const parts = line.match(/^([^#\s][^\s]*(?:\{[^}]*\})?) (\S+)$/)
    if (parts?.[1] !== undefined) figures.set(parts[1], Number(parts[2]))
  }
  return figures
}

/** Reads one value. Throws if the name is unknown. */
export async function readMetric(
  target: { url: string; viewerToken: string },
  name: string,
): Promise<number> {
  const figure = (await readMetrics(target)).get(name)
  if (figure === undefined) throw new Error(`no metric ${name}`)
  return figure
}
