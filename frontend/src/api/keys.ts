/** The keys of every query. A key also names all queries whose keys begin with it. */
export const keys = {
  profile: ["profile"],
  personalTokens: ["personal-tokens"],
  address: ["address"],
  /** What a native program asks for, by the query of the page's address. */
  authorization: (query: string, language: string) => ["authorization", query, language] as const,
  joinForm: ["join-form"],
  events: (language: string) => ["events", language] as const,
  export: ["export"],
  invitation: (token: string) => ["invitation", token] as const,
  sessions: ["sessions"],
  /** What a sign-in waits for. */
  waitingFactors: ["waiting-factors"],
  /** The user's second factors. */
  authenticators: ["authenticators"],
  loginForm: ["login-form"],
  /** Whether the link of a mail is still valid. */
  mailKey: (key: string) => ["mail-key", key] as const,
  connections: ["connections"],
  models: ["models"],
  replies: (chat: number) => ["replies", chat] as const,
  markReports: (chat: number) => ["mark-reports", chat] as const,
  suggestions: (language: string) => ["suggestions", language] as const,
  /** The list in the sidebar. */
  conversationList: ["conversations"],
  conversations: ["conversation"],
  conversation: (id: number) => ["conversation", id] as const,
  statistics: (id: number) => ["statistics", id] as const,
  searches: ["search"],
  search: (words: string) => ["search", words] as const,
  titleSearch: (words: string) => ["search", words, "titles"] as const,
  quoteLists: ["quotes"],
  quoteList: (filter: object) => ["quotes", filter] as const,
  quote: (id: number) => ["quote", id] as const,
  quotesOfTheDay: ["today"],
  quoteOfTheDay: (language: string) => ["today", language] as const,
  similarQuotes: (content: string, except: number | undefined) =>
    ["similar", content, except] as const,
} as const;
