/** Waits for a promise for at most `ms`. Returns true if it settled in time. */
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
