"use client"

import { LongText } from "@/components/turn/text/LongText"
import { Marked } from "@/components/turn/text/Marked"
import { showControls } from "@/components/ui/text/showControls"

/** Markdown source, in the font of the rendered text, so that little moves once that is rendered. */
export function ProseText({ text, pointer }: { text: string; pointer: string | undefined }) {
  return (
    <LongText text={text} pointer={pointer}>
      {(piece) => (
        <p className="max-w-prose whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]">
          <Marked text={showControls(piece.text)} />
        </p>
      )}
    </LongText>
  )
}
