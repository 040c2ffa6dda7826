/** The keys of every query. A key also names all queries whose keys begin with it. */
export const keys = {
  profile: ["profile"],
  joinForm: ["join-form"],
  models: ["models"],
  replies: (chat: number) => ["replies", chat] as const,
  suggestions: (language: string) => ["suggestions", language] as const,
  /** The list in the sidebar. */
  conversationList: ["conversations"],
  conversations: ["conversation"],
  conversation: (id: number) => ["conversation", id] as const,
  searches: ["search"],
  search: (words: string) => ["search", words] as const,
  quoteLists: ["quotes"],
  quoteList: (filter: object) => ["quotes", filter] as const,
  quote: (id: number) => ["quote", id] as const,
  quoteOfTheDay: ["today"],
  similarQuotes: (content: string, except: number | undefined) =>
    ["similar", content, except] as const,
} as const;
