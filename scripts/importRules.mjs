import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/**
 * Which folder may import from which. A folder may import from the folders in its `below` list and, recursively, from
 * those in their `below` lists. `npm run import-rules` turns this table into lint rules (`biome.imports.json`). Imports
 * of types count, too.
 */
export const FOLDERS = {
  "lib/protocol": { pure: true, below: [] },
  "lib/trace": { pure: true, below: ["lib/protocol"] },
  "lib/timeline": { pure: true, below: ["lib/trace"] },
  "lib/dialects": { pure: true, below: ["lib/protocol"] },
  "lib/live": { below: ["lib/trace"] },
  "lib/agent": { noReact: true, below: ["lib/protocol"] },

  "components/ui": { below: ["lib/live", "lib/timeline"] },
  "components/turn": { below: ["components/ui"] },
  "components/notifications": { below: ["components/ui"] },
  "components/shell": { below: ["components/notifications"] },
  "components/connect": { below: ["components/shell", "lib/agent"] },
  "components/compare": { below: ["components/turn", "components/shell"] },
  "components/run": { below: ["components/compare"] },
  "components/runs": { below: ["components/compare", "components/connect"] },
  app: { below: ["components/runs", "components/run"] },

  "server/platform": { below: ["lib/protocol"] },
  "server/net": { below: ["server/platform"] },
  "server/redact": { below: ["server/platform"] },
  "server/search": { below: ["lib/trace"] },
  "server/store": { below: ["server/search", "server/platform"] },
  "server/auth": { below: ["server/store", "server/net"] },
  "server/audit": { below: ["server/store"] },
  "server/backup": { below: ["server/store", "server/audit"] },
  "server/prices": { below: ["lib/protocol"] },
  "server/registry": { below: ["server/store", "server/redact", "server/prices"] },
  "server/metrics": { below: ["server/registry"] },
  "server/fanout": { below: ["server/registry"] },
  "server/cluster": { below: ["server/fanout", "server/metrics"] },
  "server/maintenance": { below: ["server/registry", "server/auth", "server/audit"] },
  "server/ingest": {
    below: ["server/registry", "server/auth", "server/audit", "server/metrics", "lib/dialects"],
  },
  "server/sockets": { below: ["server/fanout", "server/auth", "server/audit", "server/metrics"] },
  "server/http": { below: ["server/fanout", "server/auth", "server/audit", "server/metrics"] },
  "server/app": {
    below: [
      "server/http",
      "server/sockets",
      "server/ingest",
      "server/cluster",
      "server/maintenance",
      "server/backup",
    ],
  },

  cli: { below: ["server/app", "lib/agent", "lib/dialects", "demo"] },
  demo: { below: ["lib/agent"] },
  examples: { below: ["lib/agent"] },
  scripts: { below: [], also: ["../build/**", "../setup.mjs"] },
}

/** Returns a folder and all folders that it may import from. */
function reachable(folder, seen = new Set()) {
  if (seen.has(folder)) return seen
  seen.add(folder)
  for (const below of FOLDERS[folder].below) reachable(below, seen)
  return seen
}

function restrictedImports(folder) {
  const { pure = false, noReact = pure, also = [] } = FOLDERS[folder]
  const allowed = [...reachable(folder)].sort()
  const patterns = [
    {
      group: [
        "@/**",
        "../**",
        ...[...allowed.flatMap((name) => [`@/${name}`, `@/${name}/**`]), ...also].map((glob) => `!${glob}`),
      ],
      message: `${folder} may import only from ${allowed.join(", ")}. Imports from other folders start with @/.`,
    },
  ]
  if (pure) patterns.push({ group: ["node:*"], message: `${folder} is pure: no Node modules.` })
  const react = `${folder} doesn't use React.`
  return { ...(noReact && { paths: { react, "react-dom": react } }), patterns }
}

/** Returns the lint configuration for the table. */
export function importRules() {
  const overrides = Object.keys(FOLDERS).map((folder) => ({
    includes: [`${folder}/**`],
    linter: {
      rules: {
        style: { noRestrictedImports: { level: "error", options: restrictedImports(folder) } },
      },
    },
  }))
  return `${JSON.stringify({ root: false, overrides }, null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(fileURLToPath(new URL("../biome.imports.json", import.meta.url)), importRules())
