const PLUMBING =
  /^(__\w+__|Runnable\w*|ChannelWrite.*|ChannelRead.*|LangGraph|Pregel|_write|_branch|Branch<.*|StrOutputParser|ChatPromptTemplate)$/

/** Steps that LangChain and LangGraph make for themselves and nobody wrote. */
export function isPlumbing(name: string): boolean {
  return PLUMBING.test(name)
}
