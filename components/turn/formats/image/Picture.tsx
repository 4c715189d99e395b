"use client"

import { useEffect, useMemo, useRef, useState } from "react"
import { strings } from "@/components/turn/strings"
import { useSeen } from "@/components/turn/text/useSeen"
import { useValueSource } from "@/components/turn/text/ValueSource"
import { sizeText } from "@/lib/trace/formatNumber"
import { decodedBytes, hasPictureEnd, type Picture as PictureData, pictureUri } from "./readPicture"

export type PictureProps = {
  picture: PictureData
  /** The JSON pointer of the value that contains the image. */
  pointer: string | undefined
}

/** An inline image with its type, dimensions and size. A truncated one is loaded in full when it comes into view. */
export function Picture({ picture, pointer }: PictureProps) {
  const { cutAt, load } = useValueSource()
  const at = pointer === undefined ? undefined : [pointer, ...picture.path].join("/")
  const cut = cutAt(at)
  const isCut = cut !== undefined
  const box = useRef<HTMLElement>(null)
  const seen = useSeen(box)
  useEffect(() => {
    if (seen && isCut) load()
  }, [seen, isCut, load])
  const bytes = decodedBytes(cut?.bytes ?? picture.base64.length)
  return (
    <figure ref={box} className="flex flex-col gap-1">
      {isCut || !seen ? (
        <div className="flex h-40 items-center justify-center border border-line text-ink-3">
          {strings.picture.loading}
        </div>
      ) : (
        <Shown picture={picture} bytes={bytes} />
      )}
    </figure>
  )
}

type Loaded = { width: number; height: number } | "broken" | undefined

function Shown({ picture, bytes }: { picture: PictureData; bytes: number }) {
  const [loaded, setLoaded] = useState<Loaded>()
  const type = picture.type.toUpperCase()
  const isWhole = useMemo(() => hasPictureEnd(picture), [picture])
  if (loaded === "broken") {
    return (
      <p role="note" className="border-l-2 border-error pl-2 text-ink-2">
        {strings.picture.broken(type, sizeText(bytes))}
      </p>
    )
  }
  const size = loaded === undefined ? "" : `${loaded.width} × ${loaded.height} · `
  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: the data is in the URI; there is nothing to optimize */}
      <img
        src={pictureUri(picture)}
        alt={strings.picture.alt}
        onLoad={({ currentTarget }) =>
          setLoaded({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
        }
        onError={() => setLoaded("broken")}
        className="max-h-[60vh] max-w-full self-start border border-line object-contain"
      />
      <figcaption className="num text-small text-ink-3">
        {type} · {size}
        {sizeText(bytes)}
        {isWhole ? null : <span className="text-error"> · {strings.picture.incomplete}</span>}
      </figcaption>
    </>
  )
}
