const PLUMBING =
  /^(__\w+__|Runnable\w*|ChannelWrite.*|ChannelRead.*|LangGraph|Pregel|_write|_branch|Branch<.*|StrOutputParser|ChatPromptTemplate)$/

/** Returns true for steps that LangChain and LangGraph create internally. */
export function isPlumbing(name: string): boolean {
  return PLUMBING.test(name)
}
