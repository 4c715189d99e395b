/** All text on the Connect page. The empty Runs page also uses the names of the regions. */
export const strings = {
  title: "Connect an agent",
  documentTitle: "Connect · Turnline",
  intro: "Agents connect over Socket.IO. Their messages appear here as they arrive. Server URL:",
  copyCommand: "Copy command",
  copyFile: "Copy file",
  token: {
    region: "Token",
    where:
      "The agents' token is stored in the server's data directory. This page never has access to it. To print it:",
    demo: "This is a demo: anyone can look around, but only its own agents can write. On your own server, the agents' token is in the data directory.",
    onePerAgent: "For better security, create one token per agent:",
    mayCreate:
      "You can create tokens for agents. Use one per agent, so that you can revoke them individually.",
    name: "Name",
    write: "Agents it can write as",
    expires: "Expires",
    expiries: { never: "never", day: "in 1 day", month: "in 30 days", year: "in 1 year" },
    create: "Create token",
    creating: "Creating…",
    created: (name: string) =>
      `Token “${name}” created. Copy it now: it is shown only once, and the server stores only its hash.`,
    copy: "Copy token",
    done: "Done",
    revoke: "To revoke it:",
    errors: {
      name: "The name must have 1 to 128 characters: letters, digits, spaces and . _ : / @ -",
      write:
        "Enter agent ids such as ci/lint, or a prefix such as ci/* for all agents whose id starts with it.",
      refused: (reason: string) => `Couldn't create the token: ${reason}`,
      noReason: "the server refused the request.",
      noReply: "the server didn't respond.",
    },
  },
  snippet: {
    region: "Agent",
    language: "Language or client",
    elsewhere: "On another machine, replace the token file with the agent's token.",
  },
  sources: {
    title: "Other agents and tools",
    intro:
      "Use these settings where the agent runs. On another machine, replace the token file with the agent's token.",
    copy: (name: string) => `Copy commands: ${name}`,
  },
  log: {
    title: "Incoming messages",
    filter: "Show",
    all: "All",
    refused: "Refused",
    count: (messages: number, refused: number) =>
      `${messages} ${messages === 1 ? "message" : "messages"}${refused > 0 ? ` · ${refused} refused` : ""}`,
    unavailable: "Incoming messages aren't available.",
    needsRead: "This log requires a token that can read every agent. Create it with",
    noneRefused: "No refused messages.",
    empty:
      "No messages since the server started. If your agent has sent some, check its server URL, and whether a proxy or firewall blocks it. Refused connections, tokens and paths appear here, too.",
    tokenHint:
      "Pass the agents' token when connecting: auth.token, or TURNLINE_TOKEN for Turnline's own clients.",
    accepted: "accepted",
    rejected: "refused",
    wholeMessage: "message",
  },
} as const
