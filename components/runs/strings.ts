/** Every text of the Runs page. */
export const strings = {
  empty: {
    title: "No runs yet",
    intro: "Connect an agent in 30 seconds: copy the token, run the sample, and its turns appear here.",
    token: "1. Print the agents' token",
    agent: "2. Run an agent",
    demoRegion: "Demo",
    demo: "Or look at simulated agents first",
    help: "Your agent has sent something and nothing shows up?",
    helpLink: "See incoming messages and why they were refused",
  },
} as const
