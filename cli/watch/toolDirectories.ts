import { join } from "node:path"

export type ToolDirectories = {
  claude: string
  codex: string
  gemini: string
  qwen: string
  pi: string
  opencode: string
}

/**
 * Returns where the tools store their files: below `home`, unless the tools' own variables in `env` name other folders.
 * Leave out `env` for an explicitly chosen home folder, which takes precedence over these variables.
 */
export function toolDirectories(home: string, env: NodeJS.ProcessEnv | undefined): ToolDirectories {
  return {
    claude: env?.CLAUDE_CONFIG_DIR || join(home, ".claude"),
    codex: env?.CODEX_HOME || join(home, ".codex"),
    gemini: join(home, ".gemini"),
    qwen: join(home, ".qwen"),
    pi: join(home, ".pi"),
    opencode: join(env?.XDG_DATA_HOME || join(home, ".local", "share"), "opencode"),
  }
}
