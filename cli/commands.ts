import type { Command } from "./Command"

/** The commands of `turnline`, in the order in which `--help` lists them. */
export const COMMANDS: readonly Command[] = [
  {
    name: "start",
    summary: "Start the server (the default)",
    load: () => import("./server/startCommand"),
  },
  {
    name: "demo",
    summary: "Run a fleet of simulated agents",
    load: () => import("./server/demoCommand"),
  },
  {
    name: "watch",
    summary: "Show the coding agents that run on this machine",
    load: () => import("./watch/watchCommand"),
  },
  {
    name: "hooks",
    summary: "Make Claude Code report to Turnline",
    load: () => import("./hooks/hooksCommand"),
  },
  {
    name: "token",
    summary: "Create, list and revoke access tokens",
    load: () => import("./token/tokenCommand"),
  },
  {
    name: "import",
    summary: "Import runs from files: exports, sessions, traces",
    load: () => import("./data/importCommand"),
  },
  {
    name: "export",
    summary: "Export a run as JSON Lines or JSON",
    load: () => import("./data/exportCommand"),
  },
  {
    name: "backup",
    summary: "Copy the data directory, even while the server is running",
    load: () => import("./data/backupCommand"),
  },
  {
    name: "migrate-store",
    summary: "Copy the data directory's store into PostgreSQL",
    load: () => import("./data/migrateStoreCommand"),
  },
  {
    name: "audit",
    summary: "Verify the audit log",
    load: () => import("./data/auditCommand"),
  },
  {
    name: "doctor",
    summary: "Find problems with settings, data and connection",
    load: () => import("./doctor/doctorCommand"),
  },
]
