/**
 * Formats an ISO time in local time with its offset, to the millisecond. Returns invalid times unchanged. Browser only.
 */
export function exactTime(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  const twoDigits = (value: number) => String(value).padStart(2, "0")
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`
  return `${day} ${clockTime(date.getTime())}.${String(date.getMilliseconds()).padStart(3, "0")} ${offsetText(date)}`
}

/** Formats a time as `14:03:07` in local time. Browser only. */
export function clockTime(ms: number): string {
  const date = new Date(ms)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":")
}

function offsetText(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  const hours = String(Math.floor(size / 60)).padStart(2, "0")
  return `${minutes < 0 ? "−" : "+"}${hours}:${String(size % 60).padStart(2, "0")}`
}
