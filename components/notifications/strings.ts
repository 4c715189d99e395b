/** All text of the notification bell. */
export const strings = {
  off: "Notify me when this run needs input or ends",
  on: "Notifications are on. Turn off",
  denied: "Notifications are blocked for this site. Allow them in the browser's settings",
  unsupported: "This browser can't show notifications here: they require HTTPS or localhost",
  forRun: (label: string, run: string) => `${label}: ${run}`,
} as const
