import type { Format, FormatInput } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import type { Message } from "./Block"
import { BlocksView } from "./BlocksView"
import { messagesText, readMessages } from "./readMessages"

export const blocksFormat: Format = {
  id: "blocks",
  name: strings.formats.blocks,
  detect: (input) => (messagesOf(input) === undefined ? "no" : "best"),
  Body: ({ input, pointer }) => {
    const messages = messagesOf(input)
    if (messages === undefined) return null
    return <BlocksView messages={messages} hint={input.hint} pointer={pointer} />
  },
  copy: (input) => {
    const messages = messagesOf(input)
    return (messages && messagesText(messages)) ?? input.text
  },
}

// Cached, because detecting, rendering and copying all need the messages.
const cache = new WeakMap<object, readonly Message[] | undefined>()

function messagesOf({ json }: FormatInput): readonly Message[] | undefined {
  if (json === undefined) return undefined
  if (!cache.has(json)) cache.set(json, readMessages(json))
  return cache.get(json)
}
