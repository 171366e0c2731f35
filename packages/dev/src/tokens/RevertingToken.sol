// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Token} from "./Token.sol";

/// Never moves anything.
contract RevertingToken is Token {
    function transfer(address, uint256) external pure returns (bool) {
        revert("transfers are not possible");
    }
}
