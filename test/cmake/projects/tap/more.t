use strict;
use warnings;
use Test::More tests => 7;

pass('passes # not a directive \\');
is(1 + 1, 3, 'adds');
subtest 'inner' => sub {
  plan tests => 2;
  ok(1, 'first');
  like('abc', qr/x/, 'matches');
};
subtest 'nothing' => sub { plan skip_all => 'not here' };
SKIP: {
  skip 'no network', 1;
  pass('never');
}
TODO: {
  local $TODO = 'one day';
  ok(0, 'fails as expected');
  ok(1, 'passes already');
}
