"use client"

import { LongText } from "@/components/turn/text/LongText"
import { Marked } from "@/components/turn/text/Marked"
import { showControls } from "@/components/ui/text/showControls"

/** Plain text, with control characters made visible and long lines wrapped. Each paragraph has its own direction. */
export function PlainText({ text, pointer }: { text: string; pointer: string | undefined }) {
  return (
    <LongText text={text} pointer={pointer}>
      {(piece) => (
        <pre className="num whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]">
          <Marked text={showControls(piece.text)} />
        </pre>
      )}
    </LongText>
  )
}
