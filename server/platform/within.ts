/** Waits for something, but no longer than `ms`; whether it came in time. A rejection counts as having come. */
export async function within(awaited: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const came = awaited.then(
    () => true,
    () => true,
  )
  const inTime = await Promise.race([came, late])
  clearTimeout(timer)
  return inTime
}
