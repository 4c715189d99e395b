import type { Picture } from "@/components/turn/formats/image/readPicture"

/** A part of a message or result. `path` is the block's path within the value. */
export type Block = BlockContent & {
  readonly path: readonly string[]
  /** Fields that aren't part of the content. */
  readonly extra: Readonly<Record<string, unknown>>
}

type BlockContent =
  | {
      readonly kind: "text"
      readonly text: string
      /** Undefined for text that isn't part of the value. */
      readonly textPath: readonly string[] | undefined
      /** The lines of a text that was sent as a list. */
      readonly lines?: readonly string[]
      /** The name of the stream that the text was written to, unless it is stdout. */
      readonly stream?: string
    }
  | { readonly kind: "thinking"; readonly text: string; readonly textPath: readonly string[] }
  | { readonly kind: "image"; readonly picture: Picture }
  | {
      readonly kind: "call"
      readonly name: string
      readonly args: unknown
      readonly argsPath: readonly string[] | undefined
      /** The lines of arguments that were sent as a list. */
      readonly lines?: readonly string[]
    }
  | {
      readonly kind: "result"
      readonly name: string | undefined
      readonly isError: boolean
      readonly blocks: readonly Block[]
    }
  | {
      readonly kind: "file"
      readonly name: string
      readonly type: string | undefined
      readonly link: string | undefined
      /** The size of its inline data. */
      readonly bytes?: number
      readonly description?: string
      readonly descriptionPath?: readonly string[]
      /** Set for an image that isn't loaded, because it is stored elsewhere. */
      readonly isPicture?: true
    }
  | { readonly kind: "value"; readonly value: unknown }

/** Content that someone said or that a tool returned. */
export type Message = {
  readonly role: string | undefined
  readonly isError: boolean
  readonly blocks: readonly Block[]
  readonly path: readonly string[]
  readonly extra: Readonly<Record<string, unknown>>
}

export type Fields = Readonly<Record<string, unknown>>

/** Reads the content of a message or result at `path`. */
export type ReadContent = (value: unknown, path: readonly string[]) => readonly Block[]

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Returns the fields of an object that aren't empty and aren't in `used`. */
export function otherFields(fields: Fields, used: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([key, value]) => !used.includes(key) && !isEmpty(value)),
  )
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (Array.isArray(value)) return value.length === 0
  return isFields(value) && Object.keys(value).length === 0
}

/** Returns the first of the keys whose value is a string. */
export function textAt(fields: Fields, ...keys: string[]): { key: string; text: string } | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (typeof value === "string") return { key, text: value }
  }
  return undefined
}
