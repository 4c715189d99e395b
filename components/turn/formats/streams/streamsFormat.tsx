import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { readStreams } from "./readStreams"
import { StreamsView } from "./StreamsView"

export const streamsFormat: Format = {
  id: "streams",
  name: strings.formats.streams,
  detect: ({ json }) => (readStreams(json) === undefined ? "no" : "best"),
  Body: ({ input, pointer }) => {
    const output = readStreams(input.json)
    return output === undefined ? null : <StreamsView output={output} pointer={pointer} />
  },
}
