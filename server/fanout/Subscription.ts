import type { Channel } from "./Channel"
import type { SubscriberConnection } from "./SubscriberConnection"

/**
 * One reader of one run. `new`: its answer is not out yet. `lagging`: it is fed pages from the log at its cursor.
 * `room`: it has what was delivered and gets what comes. `ended`: it was told of the end. `closed`: it is no more.
 * `deleted`: its run went before its answer was out; it is told so after it.
 */
export class Subscription {
  readonly connection: SubscriberConnection
  readonly channel: Channel
  state: "new" | "lagging" | "room" | "ended" | "closed" | "deleted" = "new"
  /** How many turns it has; in the room `channel.delivered` stands for it. */
  cursor: number
  hasSnapshot = false
  /** The versions of the run and its progress that it has seen; undefined: none. */
  runSeen: number | undefined
  progressSeen: number | undefined

  constructor(connection: SubscriberConnection, channel: Channel, cursor: number) {
    this.connection = connection
    this.channel = channel
    this.cursor = cursor
  }
}
