import { isDataImage } from "@/components/turn/formats/chooseFormat"

/** An inline picture; anything else is refused, so that nothing is fetched. */
export function DataImage({ source }: { source: string }) {
  if (!isDataImage(source)) return <p className="text-ink-3">This is no inline picture.</p>
  return (
    // biome-ignore lint/performance/noImgElement: the picture is in the address itself; there is nothing to optimise
    <img
      src={source}
      alt="Inline, as the agent sent it"
      className="max-h-[60vh] max-w-full border border-line"
    />
  )
}
