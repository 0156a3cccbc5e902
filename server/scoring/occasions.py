"""Hashtags that name an occasion, a habit or a wish for readers instead of a subject: whoever uses them talks about anything.

Chosen by hand, as the stop words of a search are, and not measured: no table of hashtags by account that may be passed on was at
hand. What is merely common is not listed here; the share of accounts that use it tells that (``server.scoring.topics.Background``).
"""

from __future__ import annotations

_DAYS = "monday tuesday wednesday thursday friday saturday sunday weekend"
_RITUALS = """
    mondaymotivation motivationmonday mondaymood mondayblues mondaythoughts mondayvibes mondaymorning transformationtuesday
    tuesdaythoughts tuesdaymotivation tuesdaytip traveltuesday wednesdaywisdom wednesdaythoughts wednesdaymotivation humpday
    wcw mcm tbt throwback throwbackthursday thursdaythoughts thursdaymotivation thursdayvibes flashback flashbackfriday fbf
    ff followfriday fridayfeeling fridaymotivation fridaythoughts fridayvibes fridayfun tgif happyfriday caturday saturdaymorning
    saturdayvibes saturdaymotivation selfiesunday silentsunday sundayfunday sundayvibes sundaymorning sundaythoughts
    weekendvibes happymonday happysunday happyweekend
"""
_GREETINGS = "goodmorning goodnight goodafternoon goodevening gm gn happynewyear newyear merrychristmas happyholidays happyeaster happybirthday"
_READERS = """
    follow followme followback follow4follow f4f followforfollow followers teamfollowback like likes like4like l4l likeforlike
    likeforlikes retweet rt repost boost share comment tag mutuals moots newhere introduction introductions introducingmyself
    firstpost fedihelp askfedi askfediverse instagood instadaily instamood
    photooftheday picoftheday potd ootd quoteoftheday qotd wordoftheday foryou foryoupage fyp explore explorepage viral
    trending trend hashtag nofilter sponsored ad werbung anzeige publicite
"""
_ANYTHING = """
    motivation inspiration inspirational quote quotes love life happy fun funny lol cute beautiful amazing mood vibes thoughts
    random today tomorrow yesterday now live update updates breaking breakingnews news nowplaying nowreading nowwatching
"""

OCCASIONS = frozenset(f"{_DAYS} {_RITUALS} {_GREETINGS} {_READERS} {_ANYTHING}".split())
