// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Token} from "./Token.sol";

/// Pays nobody who is on its list, as the contracts of regulated stablecoins do.
contract BlacklistToken is Token {
    mapping(address => bool) public blacklisted;

    function setBlacklisted(address account, bool listed) external {
        blacklisted[account] = listed;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(!blacklisted[msg.sender] && !blacklisted[to], "account is blacklisted");
        move(msg.sender, to, value);
        return true;
    }
}
