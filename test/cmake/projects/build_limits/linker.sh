# One that takes long enough for another to begin beside it.
case $* in *links.link_*) sleep 0.3 ;; esac
exec "$@"
