import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { LongText } from "@/components/turn/text/LongText"
import { Marked } from "@/components/turn/text/Marked"
import { showControls } from "@/components/ui/text/showControls"

export const textFormat: Format = {
  id: "text",
  name: strings.formats.text,
  detect: ({ json }) => (json === undefined ? "best" : "possible"),
  Body: ({ input, pointer }) => <PlainText text={input.text} pointer={pointer} />,
}

/** Plain text, with control characters made visible and long lines wrapped. Each paragraph has its own direction. */
function PlainText({ text, pointer }: { text: string; pointer: string | undefined }) {
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
