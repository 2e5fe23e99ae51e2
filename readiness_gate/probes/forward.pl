# Does as forward.py for images that have perl and no Python, such as those built on Debian.
use strict;
use warnings;
use IO::Socket::INET;
use POSIX ();

my @found;
for my $argument (@ARGV) {
    my ($port, $host, $number) = $argument =~ /^(\d+)=(.+):(\d+)$/ or next;
    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Proto => 'tcp', Listen => 128, ReuseAddr => 1
    );
    if (!$listener) {
        print STDERR "readiness-gate: port $port is not forwarded: $!\n";
        next;
    }
    push @found, [$listener, $host, $number];
}
exit 0 if !@found;
exit 0 if fork;
POSIX::setsid();
open(STDIN, '<', '/dev/null');
open(STDOUT, '>', '/dev/null');
open(STDERR, '>', '/dev/null');
$SIG{CHLD} = 'IGNORE';

sub pump {
    my ($source, $sink) = @_;
    my $data;
    while (sysread($source, $data, 65536)) {
        my $sent = 0;
        while ($sent < length $data) {
            my $now = syswrite($sink, $data, length($data) - $sent, $sent);
            last if !defined $now;
            $sent += $now;
        }
    }
    shutdown($sink, 1);
}

sub forward {
    my ($client, $host, $number) = @_;
    my $service = IO::Socket::INET->new(
        PeerAddr => $host, PeerPort => $number, Proto => 'tcp', Timeout => 10
    ) or return;
    if (!fork) {
        pump($service, $client);
        POSIX::_exit(0);
    }
    pump($client, $service);
}

for my $one (@found[1 .. $#found], undef) {
    my ($listener, $host, $number) = @{ $one // $found[0] };
    if (defined $one) {
        next if fork;
    }
    while (my $client = $listener->accept) {
        if (!fork) {
            forward($client, $host, $number);
            wait;
            POSIX::_exit(0);
        }
        close $client;
    }
    POSIX::_exit(0);
}
