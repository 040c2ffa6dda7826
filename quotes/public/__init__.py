"""The board for people without an account (`PUBLIC_BOARD`): pages, feeds, sitemaps and the card
of the line of the day. The routes of the API that they may read are in `quotes.api`.
"""
