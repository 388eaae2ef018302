"""HTTP: pages and forms, the JSON API, live updates, errors. A thin layer: form -> command -> decision -> fragment.

    http/      what every answer shares: errors, security, input, templates, the server
    live/      live updates: the hub, its stream of server-sent events, the registry of regions
    directory/ the names of people in the memory of this process
    accounts/ users/ transfers/ trace/ catalogue/ events/ projections/ system/    a folder for each noun: routes,
                  pages, live regions
    messages.py   every sentence that a person can meet; messages_on_people.py and others   those about one noun
    nouns.py   the registry of nouns        access.py   who may use which route
    tasks.py   the end of background tasks  app.py      puts it together

Nothing is decided here, and no other package uses HTTP. Templates whose names begin with `_` are fragments: a page
includes the same fragment that live updates send.
"""
