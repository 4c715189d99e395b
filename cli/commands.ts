import type { Command } from "./Command"

/** The commands of `turnline`, in the order in which `--help` lists them. */
export const COMMANDS: readonly Command[] = [
  {
    name: "watch",
    summary: "Show the coding agents that run on this machine",
    load: () => import("./watch/watchCommand"),
  },
]
