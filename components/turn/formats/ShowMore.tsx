import { grouped, sizeText } from "@/lib/timeline/formatNumber"

export type ShowMoreProps = { left: number; unit: "characters" | "rows" | "entries"; onMore: () => void }

/** Says how much is not drawn yet, and draws more when asked. */
export function ShowMore({ left, unit, onMore }: ShowMoreProps) {
  if (left <= 0) return null
  const amount = unit === "characters" ? sizeText(left) : `${grouped(left)} ${unit}`
  return (
    <button type="button" onClick={onMore} className="num mt-1 rounded-small text-accent hover:underline">
      show more · {amount} left
    </button>
  )
}
