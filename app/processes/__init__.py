"""The processes of a running Daybook, and how a command finds them.

up          the parts that `daybook up` keeps running      web, projector, reactor, valkey   one part each
supervisor  starts, restarts and ends the parts            children         how a child process is started and read
listening   the socket of the web processes
addresses   the lock of the data folder, and the addresses of its servers
health      waits until the whole chain works
"""
